import SiloGuest
import SiloIO

// /init of the machine. Started as anything else it would unmount nothing and mount everything: refuse.
guard getpid() == 1 else {
    print("silo-guest \(Agent.version): this is the init of silo's virtual machines and runs nowhere else")
    exit(1)
}
GuestInit.run()
