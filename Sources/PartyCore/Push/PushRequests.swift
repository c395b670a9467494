/// The push upgrade and the client's frames, as values (docs/protocol.md, 7.2 and 7.3).
package enum PushRequests {
    package static func open(
        _ address: PushAddress, token: Redacted<String>, isReconnection: Bool, words: PushClientWords, maximumFrame: Int
    ) -> PushRequest {
        PushRequest(
            url: address.url,
            headers: [
                HeaderField("Authorization", secret: Redacted("Bearer \(token.reveal())")),
                HeaderField("X-PSN-PROTOCOL-VERSION", address.dialect.version),
                HeaderField("X-PSN-KEEP-ALIVE-STATUS-TYPE", address.dialect.keepAliveType.rawValue),
                HeaderField("X-PSN-APP-TYPE", words.appType),
                HeaderField("X-PSN-APP-VER", words.appVersion),
                HeaderField("X-PSN-OS-VER", words.osVersion),
                HeaderField("X-PSN-RECONNECTION", isReconnection ? "true" : "false"),
            ],
            subprotocol: "np-pushpacket", maximumFrame: maximumFrame)
    }

    /// The client's status with its token. The account is a JSON integer here, as nowhere else; the transaction a string.
    package static func status(_ signedIn: SignedIn, transaction: Int) -> [UInt8] {
        frame(.status, transaction) { json in
            json.key("accountId")
            json.unsigned(signedIn.accountID.number)
            json.field("status", "active")
            json.object("auth") { json in json.field("accessToken", signedIn.accessToken.reveal()) }
        }
    }

    /// Sets the use of the connection from now on.
    package static func keepAliveType(_ type: PushDialect.KeepAliveType, transaction: Int) -> [UInt8] {
        frame(.keepAliveType, transaction) { json in json.field("keepAliveStatusType", type.number) }
    }

    private static func frame(
        _ method: PushAnswer.Method, _ transaction: Int, _ content: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        JSONWriter.text { json in
            json.object { json in
                json.field("version", PushDialect.current.version)
                json.field("method", method.rawValue)
                json.field("tranId", String(transaction))
                content(&json)
            }
        }
    }
}
