// swift-tools-version: 6.0
import PackageDescription

// Two programs and the libraries they share.
//
//   silo-helper  runs on the host: JSON-RPC on stdio, boots the VM, carries bytes      (SiloProtocol, SiloDriver,
//                SiloMachine; SiloQEMU on Linux, SiloApple and SiloContainerization on macOS)
//   silo-guest   is PID 1 in the VM: mounts, starts the tool, carries bytes back       (SiloGuest)
//   both         speak the guest wire over one virtio-serial port                      (SiloWire, SiloIO, CSilo)
//
// No dependency outside the toolchain. silo-guest is linked statically and does without Foundation: it is unpacked
// into the VM's memory at every cold boot.

// Also in builds for tests: millions of fuzzed inputs take half a minute otherwise. Traps stay as they are.
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "silo",
    platforms: [.macOS("26.0")],
    products: [
        .executable(name: "silo-helper", targets: ["silo-helper"]),
        .executable(name: "silo-guest", targets: ["silo-guest"]),
    ],
    targets: [
        // What Swift cannot say: variadic system calls, fork and exec, ioctl numbers.
        .target(name: "CSilo"),
        // The guest wire: frames, control messages, the multiplexer. No input or output.
        .target(name: "SiloWire", swiftSettings: optimized),
        // A poll(2) reactor and the pumps between descriptors and streams.
        .target(name: "SiloIO", dependencies: ["CSilo", "SiloWire"]),
        // The guest agent as a library.
        .target(name: "SiloGuest", dependencies: ["CSilo", "SiloIO", "SiloWire"]),
        .executableTarget(name: "silo-guest", dependencies: ["CSilo", "SiloGuest"]),

        // The helper protocol's types.
        .target(name: "SiloProtocol"),
        // What a machine driver is.
        .target(name: "SiloDriver", dependencies: ["SiloProtocol"]),
        // What drivers share: the conversation with the agent, and what the guest's console said.
        .target(name: "SiloMachine", dependencies: ["SiloDriver", "SiloProtocol", "SiloWire", "SiloIO", "CSilo"]),
        // The macOS driver without its calls into Apple's frameworks: built and tested on every system.
        .target(
            name: "SiloApple",
            dependencies: ["SiloDriver", "SiloMachine", "SiloProtocol", "SiloWire", "SiloIO", "CSilo"]),

        .testTarget(name: "SiloWireTests", dependencies: ["SiloWire"], swiftSettings: optimized),
        .testTarget(name: "SiloIOTests", dependencies: ["SiloIO", "SiloWire", "CSilo"]),
        .testTarget(name: "SiloGuestTests", dependencies: ["SiloGuest", "SiloIO", "SiloWire", "CSilo"]),
        .testTarget(name: "SiloProtocolTests", dependencies: ["SiloProtocol"]),
        .testTarget(name: "SiloDriverTests", dependencies: ["SiloDriver", "SiloProtocol"]),
        .testTarget(
            name: "SiloMachineTests",
            dependencies: ["SiloMachine", "SiloDriver", "SiloIO", "SiloProtocol", "SiloWire", "CSilo"]),
        .testTarget(
            name: "SiloAppleTests",
            dependencies: [
                "SiloApple", "SiloMachine", "SiloGuest", "SiloDriver", "SiloIO", "SiloProtocol", "SiloWire", "CSilo",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// The one driver that can be built here, and the helper that has it.
#if os(macOS)
    // Source-stable within a minor version only, and the tag of its init image is the same: an exact version. It is
    // named nowhere else, so that other systems never fetch it.
    package.dependencies = [
        .package(url: "https://github.com/apple/containerization.git", exact: "0.40.2"),
        .package(url: "https://github.com/apple/swift-system.git", from: "1.6.4"),
    ]
    package.targets += [
        // Apple's frameworks, and nothing that decides. Elsewhere it is built and tested with macos-stubs/.
        .target(
            name: "SiloContainerization",
            dependencies: [
                "SiloApple",
                .product(name: "Containerization", package: "containerization"),
                .product(name: "ContainerizationArchive", package: "containerization"),
                .product(name: "ContainerizationEXT4", package: "containerization"),
                .product(name: "ContainerizationExtras", package: "containerization"),
                .product(name: "ContainerizationOCI", package: "containerization"),
                .product(name: "ContainerizationOS", package: "containerization"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .executableTarget(
            name: "silo-helper", dependencies: ["SiloProtocol", "SiloDriver", "SiloApple", "SiloContainerization"]),
    ]
#else
    package.targets += [
        // What the Linux driver needs of C: fork with a death signal, the KVM probe.
        .target(name: "CSiloHost"),
        // The Linux driver.
        .target(
            name: "SiloQEMU",
            dependencies: ["SiloDriver", "SiloMachine", "SiloProtocol", "SiloWire", "SiloIO", "CSilo", "CSiloHost"]),
        .executableTarget(name: "silo-helper", dependencies: ["SiloProtocol", "SiloDriver", "SiloQEMU"]),
        .testTarget(
            name: "SiloQEMUTests",
            dependencies: ["SiloQEMU", "SiloMachine", "SiloDriver", "SiloIO", "SiloProtocol", "SiloWire"]),
    ]

    // What stands in for the modules that a Mac has: the same signatures, and notes of what was called.
    let stubs: [String: [Target.Dependency]] = [
        "Containerization": ["ContainerizationExtras", "ContainerizationOCI", "ContainerizationOS"],
        "ContainerizationArchive": [],
        "ContainerizationEXT4": ["ContainerizationArchive", "ContainerizationExtras", "SystemPackage"],
        "ContainerizationExtras": [],
        "ContainerizationOCI": [],
        "ContainerizationOS": [],
        "Security": [],
        "SystemPackage": [],
        "Virtualization": [],
    ]
    package.targets += stubs.map { .target(name: $0.key, dependencies: $0.value, path: "macos-stubs/\($0.key)") }
    package.targets += [
        .target(
            name: "SiloContainerization",
            dependencies: ["SiloApple"] + stubs.keys.sorted().map { .byName(name: $0) },
            swiftSettings: [.define("SILO_STUBS")]),
        .testTarget(
            name: "SiloContainerizationTests",
            dependencies: ["SiloContainerization", "SiloApple"] + stubs.keys.sorted().map { .byName(name: $0) }),
    ]
#endif
