/// The service's answer to a frame of ours (docs/protocol.md, 7.3).
package struct PushAnswer: Sendable, Equatable {
    /// The kind of frame that is answered.
    package enum Method: Int64, Sendable {
        case status = 1003
        case keepAliveType = 1007

        fileprivate var name: String {
            switch self {
            case .status: "the status frame"
            case .keepAliveType: "the frame with the keep-alive type"
            }
        }
    }

    package let method: Method
    /// 0 if the service accepted the frame.
    package let returnCode: Int64
    /// When the service wants the frame again, if it says so.
    package let retryInterval: Duration?
    /// The keep-alive figures that hold from now on, if the answer has any.
    package let keepAlive: KeepAlive?

    /// Answers are short: a longer message is not parsed.
    private static let longest = 512

    /// `nil` for any other message.
    package init?(_ message: [UInt8]) {
        guard message.count <= Self.longest, let json = try? JSONDocument(message).root,
            let method = json["method"]?.integer.flatMap({ Method(rawValue: $0) })
        else { return nil }
        self.init(
            method, returnCode: Self.code(json["returnCode"]),
            retryInterval: AnnouncedTime.retryInterval.read(json["retryInterval"]),
            keepAlive: json["keepAliveStatus"].flatMap { $0.isObject ? KeepAlive($0) : nil })
    }

    package init(
        _ method: Method, returnCode: Int64 = 0, retryInterval: Duration? = nil, keepAlive: KeepAlive? = nil
    ) {
        self.method = method
        self.returnCode = returnCode
        self.retryInterval = retryInterval
        self.keepAlive = keepAlive
    }

    /// A code that is not a 64-bit integer counts as an error.
    private static func code(_ json: JSONView?) -> Int64 {
        guard let json, !json.isNull else { return 0 }
        return json.integer ?? -1
    }

    /// The notice about a refusal; `nil` if the frame was accepted.
    package var complaint: String? {
        guard returnCode != 0 else { return nil }
        let wait = retryInterval.map { ", retry after \($0.inMilliseconds / 1000) s" } ?? ""
        return "the push service rejected \(method.name) (return code \(returnCode)\(wait)); the stream goes on"
    }
}
