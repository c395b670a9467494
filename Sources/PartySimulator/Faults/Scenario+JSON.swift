extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Throws: `ScenarioError` naming the line of a syntax error, else the key and what is wrong with it.
    public init(json: [UInt8]) throws(ScenarioError) {
        self.init()
        let value: JSONValue
        do {
            value = try JSONReader.read(json)
        } catch {
            throw ScenarioError(description: error.description)
        }
        try change(value)
    }

    /// Takes over what the object names, and adds its faults.
    mutating func change(_ value: JSONValue) throws(ScenarioError) {
        var fields = try FieldReader(value)
        var changed = self
        try changed.changeOddities(&fields)
        try changed.changeLimits(&fields)
        if let faults = fields.take("faults") { changed.faults += try Fault.list(faults, path: "faults") }
        try fields.finish()
        self = changed
    }

    private mutating func changeOddities(_ fields: inout FieldReader) throws(ScenarioError) {
        eventsBeforeAnswer = try fields.bool("eventsBeforeAnswer") ?? eventsBeforeAnswer
        createdEventsSwapped = try fields.bool("createdEventsSwapped") ?? createdEventsSwapped
        toPlatform = try fields.choice("toPlatform", ToPlatform.self) ?? toPlatform
        fromOmitted = try fields.bool("fromOmitted") ?? fromOmitted
        invitationsListed = try fields.bool("invitationsListed") ?? invitationsListed
        invitationsPushed = try fields.bool("invitationsPushed") ?? invitationsPushed
        membershipOnReconnect = try fields.choice("membershipOnReconnect", Reconnect.self) ?? membershipOnReconnect
        droppedPartySurvives = try fields.bool("droppedPartySurvives") ?? droppedPartySurvives
        secondBridge = try fields.choice("secondBridge", SecondBridge.self) ?? secondBridge
        wrapperKey = try fields.choice("wrapperKey", WrapperKey.self) ?? wrapperKey
        unknownFramesEvery = try fields.integer("unknownFramesEvery") ?? unknownFramesEvery
        lostEventEvery = try fields.integer("lostEventEvery") ?? lostEventEvery
        doubledEventEvery = try fields.integer("doubledEventEvery") ?? doubledEventEvery
        refreshToken = try fields.choice("refreshToken", RefreshToken.self) ?? refreshToken
        pushNeedsDuid = try fields.bool("pushNeedsDuid") ?? pushNeedsDuid
        contextCounting = try fields.choice("contextCounting", ContextCounting.self) ?? contextCounting
        linkJoin = try fields.choice("linkJoin", LinkJoin.self) ?? linkJoin
        inviteOnlyEnforced = try fields.bool("inviteOnlyEnforced") ?? inviteOnlyEnforced
        kickAllowed = try fields.bool("kickAllowed") ?? kickAllowed
        gzip = try fields.bool("gzip") ?? gzip
        closesSilentPush = try fields.bool("closesSilentPush") ?? closesSilentPush
        profiles = try fields.choice("profiles", Profiles.self) ?? profiles
        formerOnlineIds = try fields.texts("formerOnlineIds") ?? formerOnlineIds
    }

    private mutating func changeLimits(_ fields: inout FieldReader) throws(ScenarioError) {
        accounts = try fields.integer("accounts", in: 1...SimulatedAccount.limit) ?? accounts
        platforms = try fields.strings("platforms") ?? platforms
        looseBridgeLife = try fields.integer("looseBridgeLife") ?? looseBridgeLife
        accessTokenLife = try fields.integer("accessTokenLife") ?? accessTokenLife
        refreshTokenLife = try fields.integer("refreshTokenLife") ?? refreshTokenLife
        guard let value = fields.take("keepAlive") else { return }
        if value == .null {
            keepAlive = nil
            return
        }
        var figures = try FieldReader(value, path: "keepAlive")
        var changed = keepAlive ?? .type6
        changed.clientKeepAliveInterval =
            try figures.integer("clientKeepAliveInterval") ?? changed.clientKeepAliveInterval
        changed.clientKeepAliveTimeout = try figures.integer("clientKeepAliveTimeout") ?? changed.clientKeepAliveTimeout
        changed.serverKeepAliveTimeout = try figures.integer("serverKeepAliveTimeout") ?? changed.serverKeepAliveTimeout
        changed.serverPresenceTimeout = try figures.integer("serverPresenceTimeout") ?? changed.serverPresenceTimeout
        try figures.finish()
        keepAlive = changed
    }
}
