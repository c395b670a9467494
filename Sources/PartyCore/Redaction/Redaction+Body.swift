extension Redaction {
    /// A larger body is shown as its size only: parsing it would take too long.
    private static let largestBody = 256 << 10
    /// The number of bytes of a body that are shown.
    private static let shownBody = 4096

    /// A body or push frame as JSON with its secrets replaced. Other texts are shown as their size, because the place
    /// of a secret in them is unknown.
    package static func body(_ bytes: [UInt8]) -> String {
        guard bytes.count <= largestBody, let document = try? JSONDocument(bytes) else {
            return "<\(bytes.count) bytes\(bytes.count <= largestBody ? ", not JSON" : "")>"
        }
        let shown = String(decoding: json(document.root), as: UTF8.self)
        guard shown.utf8.count > shownBody else { return shown }
        return String(shown.prefix(shownBody)) + "… <\(bytes.count) bytes>"
    }

    package static func body(_ body: RESTRequest.Body?) -> String? {
        body.map { $0.isSecret ? "<redacted, \($0.bytes.count) bytes>" : self.body($0.bytes) }
    }

    /// The texts under secret keys of a JSON body.
    package static func secrets(in body: [UInt8]) -> [String] {
        (try? JSONDocument(body)).map { secrets(in: $0.root, named: nil) } ?? []
    }

    private static func secrets(in view: JSONView, named name: String?) -> [String] {
        if let text = view.string { return name.map(isSecret) == true ? [text] : [] }
        return view.members.flatMap { secrets(in: $0.value, named: $0.key) }
            + view.elements.flatMap { secrets(in: $0, named: name) }
    }

    private static func json(_ view: JSONView, named name: String? = nil) -> [UInt8] {
        if let name, isSecret(name), isWithheld(view, name) { return quoted(mark) }
        if view.isObject {
            return Array("{".utf8)
                + view.members.map { quoted($0.key) + [UInt8(ascii: ":")] + json($0.value, named: $0.key) }
                .joined(separator: [UInt8(ascii: ",")]) + Array("}".utf8)
        }
        if view.source.first == UInt8(ascii: "[") {
            return Array("[".utf8) + view.elements.map { json($0) }.joined(separator: [UInt8(ascii: ",")])
                + Array("]".utf8)
        }
        return view.string.map { quoted(text($0)) } ?? Array(view.source)
    }

    /// A number under `code` is an error number, `true` under `token` is no token, and an empty value is no secret.
    private static func isWithheld(_ view: JSONView, _ name: String) -> Bool {
        if let text = view.string { return !text.isEmpty }
        // The status frame has its token inside `auth`; the log shows that there is one.
        if view.isObject { return name != "auth" }
        return view.source.first == UInt8(ascii: "[") || (view.integer != nil && name != "code")
    }

    /// A string may hold JSON or an address in turn.
    private static func text(_ text: String) -> String {
        if text.hasPrefix("{") || text.hasPrefix("["), let inner = try? JSONDocument(Array(text.utf8)) {
            return String(decoding: json(inner.root), as: UTF8.self)
        }
        return url(text)
    }

    private static func quoted(_ text: String) -> [UInt8] {
        JSONWriter.text { $0.string(text) }
    }
}
