import Testing

@testable import SiloGuest

@Suite struct AccountsTests {
    let passwd = Array("root:x:0:0:root:/root:/bin/sh\nsilo:x:5:5::/:/bin/false\nbroken\n:::\n".utf8)

    @Test func aNumberIsFoundInItsFieldOnly() {
        #expect(Accounts.hasID(0, in: passwd))
        #expect(Accounts.hasID(5, in: passwd))
        #expect(!Accounts.hasID(1000, in: passwd))
        #expect(!Accounts.hasID(0, in: nil))
    }

    @Test func aTakenNameGetsANumber() {
        #expect(Accounts.freeName("silo", in: passwd) == "silo1")
        #expect(Accounts.freeName("other", in: passwd) == "other")
        #expect(Accounts.freeName("silo", in: nil) == "silo")
    }
}
