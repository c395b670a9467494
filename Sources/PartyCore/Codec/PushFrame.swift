/// A text message of the push socket, validated and indexed (docs/protocol.md, 7.4).
package struct PushFrame: Sendable {
    package let document: JSONDocument

    /// - Throws: `CodecError` if the bytes are not one JSON object.
    package init(_ bytes: [UInt8]) throws(CodecError) {
        document = try JSONDocument(bytes)
        guard document.root.isObject else { throw CodecError("a push frame is a JSON object", at: 0) }
    }

    /// The method of a frame with an event.
    private static let eventMethod: Int64 = 3001

    /// Whether it has an event: by its method or, without one, by its data type.
    package var isEvent: Bool {
        guard let method = document.root["method"] else { return dataType != nil }
        return method.integer == Self.eventMethod
    }

    package var dataType: DataType? { document.root["dataType"]?.string.map(DataType.init(rawValue:)) }
    package var data: JSONView? { document.root["body"]?["data"] }

    /// The receiving account: an integer here, a string in responses (docs/protocol.md, 7.4).
    package var addressee: AccountID? { document.root["to"]?["accountId"]?.unsigned.map(AccountID.init) }

    package var contexts: [PushContext] {
        document.root["contexts"]?.elements { context in
            guard let id = context["contextId"]?.text ?? context["pushContextId"]?.text else { return nil }
            return PushContext(id: ContextID(id), sequenceNumber: context["sequenceNumber"]?.integer)
        } ?? []
    }
}
