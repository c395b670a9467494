extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Throws: `ScenarioError`, which names the line of a syntax error, or the key and its problem.
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

    /// Applies the keys of the object, and adds its faults.
    mutating func change(_ value: JSONValue) throws(ScenarioError) {
        var fields = try FieldReader(value)
        var changed = self
        try changed.changeOddities(&fields)
        try changed.changeLimits(&fields)
        try changed.changePush(&fields)
        if let faults = fields.take("faults") { changed.faults += try Fault.list(faults, path: "faults") }
        try fields.finish()
        self = changed
    }

    private mutating func changeOddities(_ fields: inout FieldReader) throws(ScenarioError) {
        eventsBeforeAnswer = try fields.bool("eventsBeforeAnswer") ?? eventsBeforeAnswer
        createdEventsSwapped = try fields.bool("createdEventsSwapped") ?? createdEventsSwapped
        toPlatform = try fields.choice("toPlatform", ToPlatform.self) ?? toPlatform
        fromOmitted = try fields.bool("fromOmitted") ?? fromOmitted
        updatesWithoutValue = try fields.bool("updatesWithoutValue") ?? updatesWithoutValue
        joinsUntold = try fields.bool("joinsUntold") ?? joinsUntold
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
        profiles = try fields.choice("profiles", Profiles.self) ?? profiles
        formerOnlineIds = try fields.texts("formerOnlineIds") ?? formerOnlineIds
        refreshNeedsScope = try fields.bool("refreshNeedsScope") ?? refreshNeedsScope
    }

    private mutating func changeLimits(_ fields: inout FieldReader) throws(ScenarioError) {
        accounts = try fields.integer("accounts", in: 1...SimulatedAccount.limit) ?? accounts
        platforms = try fields.strings("platforms") ?? platforms
        looseBridgeLife = try fields.integer("looseBridgeLife") ?? looseBridgeLife
        accessTokenLife = try fields.integer("accessTokenLife") ?? accessTokenLife
        refreshTokenLife = try fields.integer("refreshTokenLife") ?? refreshTokenLife
        let year = 366 * 86_400
        clockOffset = try fields.integer("clockOffset", in: -year...year) ?? clockOffset
    }

    private mutating func changePush(_ fields: inout FieldReader) throws(ScenarioError) {
        closesSilentPush = try fields.bool("closesSilentPush") ?? closesSilentPush
        clientFramesAnswered = try fields.bool("clientFramesAnswered") ?? clientFramesAnswered
        statusFrameNeeded = try fields.bool("statusFrameNeeded") ?? statusFrameNeeded
        clientFramesChecked = try fields.bool("clientFramesChecked") ?? clientFramesChecked
        statusReturnCode = fields.figure("statusReturnCode") ?? statusReturnCode
        keepAliveReturnCode = fields.figure("keepAliveReturnCode") ?? keepAliveReturnCode
        if let value = fields.take("answerRetryInterval") { answerRetryInterval = value == .null ? nil : Figure(value) }
        keepAlive = try Self.keepAlive("keepAlive", &fields, keepAlive, .type6)
        keepAliveVoiceChat = try Self.keepAlive("keepAliveVoiceChat", &fields, keepAliveVoiceChat, .type3)
        guard let value = fields.take("lookUpRefusal") else { return }
        lookUpRefusal = nil
        guard value != .null else { return }
        var parts = try FieldReader(value, path: fields.keyPath("lookUpRefusal"))
        var refusal = LookUpRefusal()
        refusal.status = try parts.integer("status", in: 400...599) ?? refusal.status
        refusal.shortest = parts.figure("retryIntervalMin") ?? refusal.shortest
        refusal.longest = parts.figure("retryIntervalMax") ?? refusal.longest
        try parts.finish()
        lookUpRefusal = refusal
    }

    private static func keepAlive(
        _ key: String, _ fields: inout FieldReader, _ present: KeepAlive?, _ documented: KeepAlive
    ) throws(ScenarioError) -> KeepAlive? {
        guard let value = fields.take(key) else { return present }
        if value == .null { return nil }
        var figures = try FieldReader(value, path: fields.keyPath(key))
        var changed = present ?? documented
        changed.clientKeepAliveInterval = figures.figure("clientKeepAliveInterval") ?? changed.clientKeepAliveInterval
        changed.clientKeepAliveTimeout = figures.figure("clientKeepAliveTimeout") ?? changed.clientKeepAliveTimeout
        changed.serverKeepAliveTimeout = figures.figure("serverKeepAliveTimeout") ?? changed.serverKeepAliveTimeout
        changed.serverPresenceTimeout = figures.figure("serverPresenceTimeout") ?? changed.serverPresenceTimeout
        try figures.finish()
        return changed
    }
}

extension FieldReader {
    /// Any JSON value, sent unchanged.
    fileprivate mutating func figure(_ key: String) -> Scenario.Figure? { take(key).map { Scenario.Figure($0) } }
}
