extension Endpoints {
    package func profile(of account: AccountID) -> RESTRequest {
        RESTRequest(.get, hosts.mobile + "/api/userProfile/v1/internal/users/\(account)/profiles")
    }

    /// The account of an online id, exactly.
    package func account(of onlineID: String) -> RESTRequest {
        RESTRequest(
            .get,
            hosts.legacyProfile + "/userProfile/v1/users/" + URLText.encode(onlineID)
                + "/profile2?fields=accountId,onlineId,currentOnlineId")
    }

    package func friends(offset: Int64) -> RESTRequest {
        let page = offset == 0 ? "" : "&offset=\(offset)"
        return RESTRequest(
            .get, hosts.mobile + "/api/userProfile/v1/internal/users/me/friends?limit=1000" + page)
    }

    /// - Parameter accounts: 100 at most.
    package func profiles(of accounts: [AccountID]) -> RESTRequest {
        RESTRequest(
            .get, hosts.mobile + "/api/userProfile/v1/internal/users/profiles?accountIds=" + Self.list(accounts))
    }

    /// - Parameter accounts: 100 at most.
    package func presences(of accounts: [AccountID]) -> RESTRequest {
        RESTRequest(
            .get,
            hosts.mobile + "/api/userProfile/v2/internal/users/basicPresences?accountIds=" + Self.list(accounts)
                + "&type=primary&platforms=PS4,PS5,MOBILE_APP,PSPC&withOwnGameTitleInfo=true")
    }

    private static func list(_ accounts: [AccountID]) -> String {
        accounts.map(\.description).joined(separator: ",")
    }

    package func invitations() -> RESTRequest {
        RESTRequest(.get, hosts.mobile + "/api/sessionManager/v2/users/me/partySessionsInvitations")
    }

    package func shareLink(_ id: PartyID) -> RESTRequest {
        RESTRequest(.get, hosts.mobile + "/api/cpss/v1/share/party/" + URLText.encode(id.text))
    }
}
