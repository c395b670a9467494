import PartyCore
import Testing

struct PushEventDecoderTests {
    @Test(arguments: [
        (#"{"method":3001,"dataType":"x"}"#, true), (#"{"method":3001}"#, true), (#"{"dataType":"x"}"#, true),
        (#"{"method":1003,"dataType":"x"}"#, false), (#"{"method":null,"dataType":"x"}"#, true), ("{}", false),
    ])
    func `a frame is an event by its method or its data type`(text: String, isEvent: Bool) throws {
        #expect(try PushFrame(Array(text.utf8)).isEvent == isEvent)
    }

    private static func event(_ frame: String) throws -> PartyEvent {
        PushEventDecoder.event(in: try PushFrame(Array(frame.utf8)))
    }

    private static func event(_ dataType: String, _ data: String) throws -> PartyEvent {
        try event(#"{"method":3001,"dataType":"\#(dataType)","body":{"data":\#(data)}}"#)
    }

    private static let family = "psn:sessionManager:sys:"

    @Test func `each sample frame becomes the expected event`() throws {
        let frames = try Fixture.frames()
        #expect(frames.count == 12)
        for (type, bytes) in frames {
            let frame = try PushFrame(bytes)
            let event = PushEventDecoder.event(in: frame)
            #expect(frame.isEvent)
            #expect(event.kind.rawValue == type)
            #expect(event.partyID == partyID)
            #expect(event.from != nil)
            #expect(event.dataType == frame.dataType)
            #expect(event.data == frame.data.map { Array($0.source) })
        }
    }

    @Test func `the event of a join has all values of the frame`() throws {
        let frames = try Fixture.frames()
        let event = PushEventDecoder.event(in: try PushFrame(frames[3].frame))
        let member = Member(
            accountID: bob, onlineID: "psparty-user-b", platform: .ps5, joinOrder: 2,
            joinedAt: Timestamp(milliseconds: 1_700_000_000_000), voice: true)
        #expect(event.members == [member])
        #expect(event.changes == [])
        var from = member
        (from.joinedAt, from.voice) = (nil, nil)
        #expect(event.from == from)
        let context = ContextID("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")
        #expect(event.contexts == [PushContext(id: context, sequenceNumber: 3)])
    }

    @Test func `settings and data of the samples become changes`() throws {
        let changes = try Fixture.frames().map { PushEventDecoder.event(in: try PushFrame($0.frame)).changes }
        #expect(changes[2] == [.customData(4, "WyIiLCJBZ0FBQUE9PSIsIjEiLCIwIiwiNi4yLjAiLCIwIiwiMCIsIjAiLCIiLCIiXQ==")])
        #expect(
            changes[4] == [
                .customData(3, "MTExMTExMTEtMjIyMi00MzMzLTg0NDQtNTU1NTU1NTU1NTU1CjAwMTAwMDAwMDAwMDAwMDAwMDAwMQo=")
            ])
        #expect(changes[5] == [.name("Friday \u{202E}\u{1B}[31mnight")])
        #expect(changes[6] == [.visibility(.friends)])
        #expect(changes[7] == [.joinableBy(.friends)])
        #expect(changes[8] == [.maxMembers(8)])
        #expect([0, 1, 3, 9, 10, 11].allSatisfy { changes[$0].isEmpty })
    }

    @Test func `a signal of the samples is read, another channel gives a message`() throws {
        let events = try Fixture.frames().map { PushEventDecoder.event(in: try PushFrame($0.frame)) }
        let received = try #require(events[9].signal)
        #expect(received.oddities == [])
        #expect(received.signal.from == Signal.Endpoint(accountID: bob, platform: .ps5))
        #expect(received.signal.kind == .offer)
        #expect(received.signal.globalSequence == 3)
        #expect(events.indices.filter { events[$0].signal != nil } == [9])
    }

    @Test(
        arguments: [
            ("partySession:created", .partyCreated), ("partySession:deleted", .partyDeleted),
            ("pts:members:created", .memberJoined), ("pts:members:deleted", .memberLeft),
            ("pts:maxMembers:updated", .partyUpdated), ("pts:customData1:updated", .partyUpdated),
            ("pts:customData2:updated", .partyUpdated), ("pts:customData3:updated", .partyUpdated),
            ("pts:customData4:updated", .partyUpdated), ("pts:m:customData1:updated", .memberUpdated),
            ("pts:m:customData2:updated", .memberUpdated), ("pts:m:customData3:updated", .memberUpdated),
            ("pts:m:customData4:updated", .memberUpdated), ("pts:m:voiceChatActivated:updated", .memberUpdated),
            ("pts:customMessage:created", .messageReceived), ("pts:customMessage:noSeq:created", .messageReceived),
            ("pts:bridges:created", .voiceBridge), ("pts:bridges:deleted", .voiceBridge),
            ("v2:partySession:created", .partyCreated), ("v2:partySession:deleted", .partyDeleted),
            ("v2:ps:members:created", .memberJoined), ("v2:ps:members:deleted", .memberLeft),
            ("v2:ps:owner:updated", .ownerChanged), ("v2:ps:m:customData3:updated", .memberUpdated),
            ("v2:ps:m:customData4:updated", .memberUpdated), ("v2:ps:customMessage:noSeq:created", .messageReceived),
            ("v2:ps:sessionName:updated", .partyUpdated), ("v2:ps:visibilityType:updated", .partyUpdated),
            ("v2:ps:joinableUserType:updated", .partyUpdated), ("v2:ps:maxMembers:updated", .partyUpdated),
            ("v2:ps:m:voiceChatActivated:updated", .memberUpdated), ("v2:ps:bridges:created", .voiceBridge),
            ("v2:ps:bridges:deleted", .voiceBridge), ("v2:ps:customMessage:created", .messageReceived),
            ("v2:ps:m:customData1:updated", .memberUpdated), ("v2:ps:m:customData2:updated", .memberUpdated),
            ("outside:v2:partySession:deleted", .partyDeleted), ("outside:v2:ps:visibilityType:updated", .partyUpdated),
            ("outside:v2:ps:joinableUserType:updated", .partyUpdated),
        ] as [(String, PartyEvent.Kind)])
    func `every known data type has its event`(_ name: String, _ kind: PartyEvent.Kind) throws {
        #expect(try Self.event(Self.family + name, #"{"sessionId":"S"}"#).kind == kind)
    }

    @Test(
        arguments: [
            ("v2:ps:invitations:created", .invitationReceived), ("v2:invitations:created", .invitationReceived),
            ("v2:partySessionInvitation:created", .invitationReceived),
            ("pts:INVITATIONS:created", .invitationReceived),
            ("v2:ps:invitation:updated", .invitationReceived), ("v2:ps:Invitations:Deleted", .invitationRemoved),
            ("v2:ps:invitations:declined", .invitationRemoved), ("v2:ps:invitations:removed", .invitationRemoved),
            ("v2:ps:invitations:cancelled", .invitationRemoved), ("v2:ps:invitations:canceled", .invitationRemoved),
            ("v2:ps:invitations:expired", .invitationRemoved), ("v2:ps:invitations:revoked", .invitationRemoved),
            ("v2:ps:invitations:undeleted", .invitationReceived),
        ] as [(String, PartyEvent.Kind)])
    func `any data type with an invitation is one`(_ name: String, _ kind: PartyEvent.Kind) throws {
        #expect(try Self.event(Self.family + name, "{}").kind == kind)
    }

    @Test func `an invitation of another family is one`() throws {
        #expect(try Self.event("np:party:Invitation:created", "{}").kind == .invitationReceived)
    }

    @Test(arguments: [
        "psn:presence:sys:availability:updated", "psn:sessionManager:sys:remotePlaySession:created",
        "psn:sessionManager:sys:rps:members:created", "psn:sessionManager:sys:v3:ps:members:created",
        "psn:sessionManager:sys:v2:ps:members:creted", "psn:sessionManager:sys:", "", "ps:members:created",
        "PSN:sessionManager:sys:v2:ps:members:created",
    ])
    func `an unknown data type is delivered with unchanged data`(_ name: String) throws {
        let data = #"{ "sessionId":"S" , "x":[1.50, "\u0041"]}"#
        let event = try Self.event(name, data)
        #expect(event.kind == .other)
        #expect(event.dataType?.rawValue == name)
        #expect(event.partyID == PartyID("S"))
        #expect(event.data.map(text) == data)
    }

    @Test(arguments: [#""MOBILE_APP""#, #"["MOBILE_APP","PS5"]"#, "[]", "null", "5", "{}"])
    func `the receiver's platform is read in each form`(_ platform: String) throws {
        let event = try Self.event(
            #"{"method":3001,"dataType":"\#(Self.family)v2:ps:members:deleted","to":{"accountId":1000000000000000001,"#
                + #""platform":\#(platform)},"body":{"data":{"sessionId":"S","members":[{"accountId":"7"}]}}}"#)
        #expect(event.kind == .memberLeft)
        #expect(event.members == [Member(accountID: AccountID(7))])
    }

    @Test(arguments: [
        "{}", #"{"dataType":5}"#, #"{"body":null}"#, #"{"body":{"data":[]}}"#, #"{"body":{"data":{"members":{}}}}"#,
        #"{"contexts":{}}"#, #"{"contexts":[{}, {"sequenceNumber":1}, 5]}"#,
    ])
    func `an empty frame is still an event`(_ frame: String) throws {
        let event = try Self.event(frame)
        #expect(event.kind == .other)
        #expect(event.partyID == nil)
        #expect(event.from == nil)
        #expect(event.members == [])
        #expect(event.contexts == [])
        #expect(event.dataType == nil)
    }

    @Test(arguments: ["", "[]", "1", "\"x\"", "null", "{", "{}{}"])
    func `other texts than a JSON object are not frames`(_ frame: String) {
        #expect(throws: CodecError.self) { try PushFrame(Array(frame.utf8)) }
    }

    @Test func `members without a readable account are left out, and integers are read for ids`() throws {
        let event = try Self.event(
            Self.family + "v2:ps:members:created",
            #"{"partySessionId":"S","members":[{"onlineId":"x"},{"accountId":1000000000000000002,"joinOrder":"3","#
                + #""joinTimestamp":"1700000000000"},{"accountId":1.5},null,{"accountId":"-1"}]}"#)
        #expect(event.partyID == PartyID("S"))
        let joinedAt = Timestamp(milliseconds: 1_700_000_000_000)
        #expect(event.members == [Member(accountID: bob, joinOrder: 3, joinedAt: joinedAt)])
    }

    @Test(arguments: [#""contextId":"c""#, #""pushContextId":"c""#])
    func `a context is read under either name`(_ field: String) throws {
        let event = try Self.event(#"{"contexts":[{\#(field),"sequenceNumber":18446744073709551615},{\#(field)}]}"#)
        #expect(event.contexts == Array(repeating: PushContext(id: ContextID("c"), sequenceNumber: nil), count: 2))
    }

    @Test(
        arguments: [
            (#"{"owner":{"accountId":"7"},"members":[{"accountId":"8"}]}"#, 7),
            (#"{"members":[{"accountId":"8"}]}"#, 8), ("{}", nil),
        ] as [(String, UInt64?)])
    func `the new owner is read from its own field or the member`(_ data: String, _ owner: UInt64?) throws {
        let event = try Self.event(Self.family + "v2:ps:owner:updated", data)
        #expect(event.changes == (owner.map { [.owner(Member(accountID: AccountID($0)))] } ?? []))
    }

    @Test func `a member's voice and data become changes`() throws {
        let event = try Self.event(
            Self.family + "v2:ps:m:voiceChatActivated:updated",
            #"{"members":[{"accountId":"7","voiceChatActivated":false,"customData2":"eA=="}]}"#)
        #expect(event.changes == [.voice(false), .customData(2, "eA==")])
        #expect(event.members.first?.voice == false)
    }

    @Test(arguments: [#""payload":"ver=1.0, type=binary, body=@@""#, #""payload":5"#, #""x":1"#])
    func `an unreadable message on the signalling channel is a signal`(_ rest: String) throws {
        let event = try Self.event(
            Self.family + "v2:ps:customMessage:noSeq:created", #"{"customMessage":{"channel":"miranda:12",\#(rest)}}"#)
        #expect(event.kind == .voiceSignal)
        #expect(event.signal == nil)
    }

    @Test func `a signal whose sender differs from the frame's is a mismatch`() throws {
        let payload = try #require(try Fixture.elements("signals.json")[0]["payload"]?.string)
        for (sender, oddities) in [
            ("1000000000000000001", []), ("1000000000000000002", [.senderMismatch]),
        ] as [(String, Set<ReceivedSignal.Oddity>)] {
            let event = try Self.event(
                Self.family + "v2:ps:customMessage:noSeq:created",
                #"{"customProperties":{"from":{"accountId":"\#(sender)"}},"#
                    + #""customMessage":{"channel":"miranda:12","payload":"\#(payload)"}}"#)
            #expect(event.signal?.oddities == oddities)
        }
    }
}
