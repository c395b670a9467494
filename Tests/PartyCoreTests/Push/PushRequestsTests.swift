import Testing

@testable import PartyCore

struct PushRequestsTests {
    @Test(
        arguments: [
            (1_000_000_000_000_000_001, 1), (9_007_199_254_740_993_001, 12), (.max, 2), (0, 3),
        ] as [(UInt64, Int)])
    func `the status frame holds the account as an exact integer`(_ account: UInt64, _ transaction: Int) throws {
        let token = accessToken(#"{"account_id":"\#(account)"}"#)
        let signedIn = SignedIn(accessToken: Redacted(token), accountID: AccountID(account), expiresAt: nil)
        let frame = PushRequests.status(signedIn, transaction: transaction)
        #expect(
            text(frame)
                == #"{"version":"3.0","method":1003,"tranId":"\#(transaction)","accountId":\#(account),"#
                + #""status":"active","auth":{"accessToken":"\#(token)"}}"#)
    }

    @Test(arguments: [(PushDialect.KeepAliveType.voiceChat, 3), (.idle, 6)])
    func `the keep-alive frame names the type as a number`(_ type: PushDialect.KeepAliveType, _ number: Int) {
        #expect(
            text(PushRequests.keepAliveType(type, transaction: 7))
                == #"{"version":"3.0","method":1007,"tranId":"7","keepAliveStatusType":\#(number)}"#)
    }

    @Test func `every lifecycle has a type, and every type is listed`() {
        let all: [StreamLifecycle] = [
            .connected, .ready, .lost(reason: "", retryAfter: .zero), .resynced(rejoined: []), .tokenRenewed, .stopping,
            .frameInvalid(problem: "", size: 0),
        ]
        #expect(all.map(\.type) == StreamLifecycle.types)
        #expect(StreamLifecycle.retrying(reason: "", retryAfter: .zero, isAdvised: true).type == "stream.lost")
    }
}
