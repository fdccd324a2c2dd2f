import SiloIO
import Testing

@testable import SiloGuest

@Suite struct KeptRootTests {
    /// A process table: `dying` say how often each has to be ended before it goes.
    private final class Table {
        var processes: Set<pid_t> = [1, 2, 3]
        var dying: [pid_t: Int] = [:]
        var ended: [pid_t] = []

        var root: KeptRoot {
            KeptRoot(
                processes: { [self] in processes },
                end: { [self] process in
                    ended.append(process)
                    dying[process, default: 1] -= 1
                    if dying[process] == 0 { processes.remove(process) }
                })
        }
    }

    @Test func whatToolsLeftIsEndedAndNothingElse() throws {
        let table = Table()
        let root = table.root
        table.processes.formUnion([40, 41])
        table.dying = [40: 1, 41: 3]
        try root.seal()
        #expect(table.processes == [1, 2, 3] && Set(table.ended) == [40, 41])
    }

    @Test func whatCannotBeEndedIsNamed() {
        let table = Table()
        let root = table.root
        table.processes.insert(99)
        table.dying = [99: .max]
        #expect { try root.seal(waitingMilliseconds: 20) } throws: { "\($0)".contains("end process 99") }
    }

    @Test func theTableOfThisSystemHasThisProcess() {
        #expect(KeptRoot.all().contains(getpid()))
    }
}
