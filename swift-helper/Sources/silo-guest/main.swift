import SiloGuest
import SiloIO

// /init of the machine, or the bridge of one that another init has booted. Started as anything else it would mount
// everything: refuse.
let words = CommandLine.arguments
if words.count == 3, words[1] == "bridge", let port = UInt32(words[2]) {
    GuestBridge.run(port: port)
}
if words == [words[0], "hold"] {
    GuestBridge.hold()
}
guard getpid() == 1 else {
    print("silo-guest \(Agent.version): this is the init of silo's virtual machines and runs nowhere else")
    exit(1)
}
GuestInit.run()
