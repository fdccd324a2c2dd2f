import CSilo
import SiloIO
import Testing

@testable import SiloGuest

@Suite struct FilesTests {
    let directory: Path

    init() throws {
        var template = Array("/tmp/silo-guest-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("make a directory") }
        directory = Path(template.dropLast().map(UInt8.init(bitPattern:)))
    }

    @Test func directoriesAreMadeThroughLinksThatLeadNowhereYet() throws {
        Files.symlink("../real/run", at: directory / "dangling")
        try Files.makeDirectories(directory / "var")
        Files.symlink("../real/run", at: directory / "var/run")
        var made: [Path] = []
        #expect(
            try Files.makeDirectories(directory / "var/run/deep") { path in
                made.append(path)
                return nil
            })
        #expect(Files.isDirectory(directory / "real/run/deep"))
        #expect(made.count == 3)
        #expect(try !Files.makeDirectories(directory / "var/run/deep"))
    }

    @Test func linksThatGoInCirclesAreRefused() throws {
        Files.symlink("loop", at: directory / "loop")
        #expect(throws: SystemError.self) { try Files.makeDirectories(directory / "loop/x") }
    }

    @Test func aReplacedFileDoesNotFollowItsLink() throws {
        let victim = directory / "victim"
        try Files.write(victim, [1])
        Files.symlink(victim, at: directory / "link")
        try Files.write(directory / "link", [2, 3], replacing: true)
        #expect(Files.read(victim) == [1])
        #expect(Files.read(directory / "link") == [2, 3])
    }

    @Test func namesAndPaths() {
        #expect(Path("/a//./b/").components == [Array("a".utf8), Array("b".utf8)])
        #expect(Path("/a/b/c").parent == "/a/b")
        #expect(Path("/home/silo/.cache").isInside("/home/silo"))
        #expect(!Path("/home/silolike").isInside("/home/silo"))
    }
}
