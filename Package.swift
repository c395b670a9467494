// swift-tools-version: 6.2
import PackageDescription

// One array for every Swift target: the compiler is as strict with tests as with what ships.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "psparty",
    products: [
        .library(name: "PartyCore", targets: ["PartyCore", "PartyLive"]),
        .executable(name: "psparty", targets: ["psparty"]),
        .executable(name: "psparty-sim", targets: ["psparty-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CWebSockets", providers: [.apt(["libwebsockets-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        // Values, decisions and the client: no C library, no input or output.
        .target(name: "PartyCore", swiftSettings: settings),
        // All input and output of the library.
        .target(
            name: "PartyLive", dependencies: ["PartyCore", "CLinux", "CCurl", "CWebSockets", "COpenSSL", "CZlib"],
            swiftSettings: settings),
        .executableTarget(
            name: "psparty",
            dependencies: [
                "PartyCore", "PartyLive", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        // The simulator depends on nothing of PartyCore, so that no bug can be on both sides and cancel out.
        .target(name: "PartySimulator", dependencies: ["COpenSSL", "CZlib"], swiftSettings: settings),
        .executableTarget(
            name: "psparty-sim",
            dependencies: ["PartySimulator", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
        .target(
            name: "PartyTestSupport", dependencies: ["PartyCore", "PartySimulator"],
            path: "Tests/PartyTestSupport", swiftSettings: settings),
        .executableTarget(
            name: "CodecBench", dependencies: ["PartyCore"], path: "Tests/CodecBench", swiftSettings: settings),
        .testTarget(
            name: "PartyCoreTests", dependencies: ["PartyCore", "PartyTestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "PartyLiveTests", dependencies: ["PartyCore", "PartyLive", "PartyTestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "PartySimulatorTests", dependencies: ["PartySimulator"], swiftSettings: settings),
        .testTarget(
            name: "pspartyTests", dependencies: ["psparty", "PartyCore", "PartyLive", "PartyTestSupport"],
            exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests", dependencies: ["PartyTestSupport", "PartySimulator"], swiftSettings: settings),
    ]
)
