/// What a process needs the shared push connection for, as a line of JSON to the holder. It is valid as long as the two are
/// connected.
package struct StreamWish: Sendable, Equatable {
    package let keepAliveType: PushDialect.KeepAliveType

    package init(_ keepAliveType: PushDialect.KeepAliveType) {
        self.keepAliveType = keepAliveType
    }

    /// The line.
    package var line: [UInt8] {
        JSONWriter.text { json in
            json.object { json in
                json.object("wish") { json in json.field("keepAliveStatusType", keepAliveType.number) }
            }
            json.newline()
        }
    }

    /// `nil` if the line is not a wish of this form.
    package init?(_ line: [UInt8]) {
        guard let type = (try? JSONDocument(line))?.root["wish"]?["keepAliveStatusType"]?.integer,
            let known = PushDialect.KeepAliveType(rawValue: String(type))
        else { return nil }
        self.init(known)
    }
}
