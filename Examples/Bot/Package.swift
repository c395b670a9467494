// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Bot",
    dependencies: [.package(name: "psparty", path: "../..")],
    targets: [
        .executableTarget(name: "Bot", dependencies: [.product(name: "PartyCore", package: "psparty")])
    ]
)
