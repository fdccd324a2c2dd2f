import Testing

@testable import SiloGuest

@Suite struct ListeningPortsTests {
    static let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"

    @Test func portsOnLoopbackAndEveryAddressAreFoundWhileTheyAreListenedOn() {
        let table =
            Self.header + """
                   0: 0100007F:1435 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100
                   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 100
                   2: 0100007F:1436 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 3 1 0 100
                   3: 070012C6:1437 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4 1 0 100
                """
        #expect(ListeningPorts.listening(in: Array(table.utf8)) == [0x1435, 0x50])
    }

    @Test func portsOfIPv6AreFound() {
        let table =
            Self.header + """
                   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 0 0
                   1: 00000000000000000000000001000000:0BB9 00000000000000000000000000000000:0000 0A 0:0 0 0
                   2: 0000000000000000FFFF00000100007F:0BBA 00000000000000000000000000000000:0000 0A 0:0 0 0
                   3: 000080FE000000000000000001000000:0BBB 00000000000000000000000000000000:0000 0A 0:0 0 0
                """
        #expect(ListeningPorts.listening(in: Array(table.utf8)) == [3000, 3001, 3002])
    }

    @Test func whatIsNoTableHasNoPorts() {
        let broken = [
            "", "\n", "x\n:::: : 0A : \n", Self.header + "0: 0100007F: 0:0 0A x", "\n0: 00000000:FFFFF 0 0A x",
        ]
        for text in broken {
            #expect(ListeningPorts.listening(in: Array(text.utf8)).isEmpty)
        }
    }
}
