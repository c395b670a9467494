/// One line of a recording: the head of a run, or what the stream brought in it.
package enum RecordingLine: Sendable, Equatable {
    case head(Head)
    case record(StreamRecord)

    /// What a run of psparty begins with: `{"recording":{"version","accountId","startedAt"}}`.
    package struct Head: Sendable, Equatable {
        /// Whose stream it is.
        package let account: AccountID?
        package let startedAt: Timestamp?

        package init(account: AccountID?, startedAt: Timestamp?) {
            self.account = account
            self.startedAt = startedAt
        }

        private static let version: Int64 = 1

        /// Appends the line.
        package func write(to json: inout JSONWriter) {
            json.object { json in
                json.object("recording") { json in
                    json.field("version", Self.version)
                    json.field("accountId", account)
                    json.field("startedAt", startedAt)
                }
            }
            json.newline()
        }

        fileprivate init(_ json: JSONView) throws(CodecError) {
            guard let version = json["version"]?.integer, version == Self.version else {
                throw CodecError("a recording of another version of psparty", at: 0)
            }
            account = json["accountId"]?.unsigned.map { AccountID($0) }
            startedAt = json["startedAt"]?.string.flatMap { Timestamp(rfc3339: $0) }
        }
    }

    /// - Throws: `CodecError` where it is no such line.
    package init(_ line: [UInt8]) throws(CodecError) {
        // Most lines are records, and are not to be read twice for it.
        if line.starts(with: #"{"recording":"#.utf8), let head = try JSONDocument(line).root["recording"] {
            self = .head(try Head(head))
        } else {
            self = .record(try StreamRecord(line))
        }
    }
}
