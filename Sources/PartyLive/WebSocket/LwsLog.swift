import CWebSockets
import Synchronization

/// The last error lines of libwebsockets. They may be of another connection: libwebsockets has one log for the process.
enum LwsLog {
    private static let lines = Mutex<[String]>([])

    /// To be called before any function of libwebsockets, which by default writes to standard error.
    static func start() {
        unsafe LwsLibrary.functions.lws_set_log_level(Int32(LLL_ERR)) { _, text in
            guard let text = unsafe text else { return }
            LwsLog.keep(unsafe String(cString: text))
        }
    }

    static func keep(_ line: String) {
        lines.withLock { lines in
            lines = lines.suffix(3) + [line.trimmingTrailingNewlines()]
        }
    }

    static func take() -> String {
        lines.withLock { lines in
            defer { lines = [] }
            return lines.joined(separator: "; ")
        }
    }
}
