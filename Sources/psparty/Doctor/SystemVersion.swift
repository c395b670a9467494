internal import Glibc

/// The kernel and the architecture, for reports.
enum SystemVersion {
    static var text: String {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return "unknown" }
        func text(_ field: some Any) -> String {
            unsafe withUnsafeBytes(of: field) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return [text(names.sysname), text(names.release), text(names.machine)].joined(separator: " ")
    }
}
