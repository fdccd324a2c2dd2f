import CSilo
import SiloIO
import SiloWire

/// A start of the tool before the snapshot, so that its files, and where they lie, are in memory in every machine made of
/// it. It can write only to what ends with it: nothing of it is left but what the kernel has read.
enum WarmUp {
    /// Whether the program ran and ended by itself with code 0.
    static func run(_ preparation: Preparation) -> Bool {
        guard !preparation.arguments.isEmpty else { return false }
        let arguments = CStrings(preparation.arguments)
        let environment = CStrings(preparation.environment)
        let home = CStrings([preparation.base.user.home])
        return withExtendedLifetime((arguments, environment, home)) {
            var program = silo_warm_up()
            program.argv = UnsafePointer(arguments.pointers)
            program.envp = UnsafePointer(environment.pointers)
            program.home = UnsafePointer(home.pointers[0])
            program.uid = preparation.base.user.uid
            program.gid = preparation.base.user.gid
            program.limit_seconds = max(1, preparation.limitMilliseconds / 1_000)
            let keeper = silo_warm_up_start(&program)
            guard keeper > 0 else { return false }
            var status: Int32 = 0
            while waitpid(keeper, &status, 0) < 0, errno == EINTR {}
            return silo_exited(status) != 0 && silo_exit_code(status) == 0
        }
    }
}
