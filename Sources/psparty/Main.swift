internal import Glibc

@main
enum Main {
    static func main() async {
        let status = await CLI.run(Array(CommandLine.arguments.dropFirst()), in: .live)
        exit(status)
    }
}
