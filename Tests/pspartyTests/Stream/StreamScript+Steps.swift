import PartySimulator
import PartyTestSupport

@testable import PartyCore

/// The steps of a script.
extension StreamScript {
    func step() async {
        switch chance.below(100) {
        case 0..<55: await happen()
        case 55..<80: for _ in 0..<chance.below(4) { await land() }
        case 80..<92: await pass(.milliseconds(chance.below(3000)))
        case 92..<95: await pass(.seconds(chance.below(700)))
        default: await cut()
        }
    }

    func happen() async {
        let device = actors.devices[chance.happens(400) ? 0 : chance.below(actors.devices.count)]
        let context = context(of: device)
        guard let party = ids.isEmpty ? nil : ids[chance.below(ids.count)] else {
            return await create(device, context)
        }
        switch chance.below(24) {
        case 0: await create(device, context)
        case 1..<6:
            let hasJoined = await actors.join(device, party, context: context, chance.next())
            if hasJoined, device.isOurs { await client.remember(PartyID(party)) }
        case 6..<9:
            await actors.leave(device, party)
            if device.isOurs { await client.forget(PartyID(party)) }
        case 9..<14: await actors.edit(device, party, chance.next())
        case 20..<23: await actors.invite(device, party, chance.next())
        case 23: await world.service.withdrawInvitations(of: me)
        case 14: await actors.kick(device, party, chance.next())
        default: await actors.editSelf(device, party, chance.next())
        }
        await collect()
    }

    func create(_ device: PartyActors.Device, _ context: String) async {
        guard let id = await actors.create(device, context: context, chance.next()) else { return }
        ids.append(id)
        if device.isOurs { await client.remember(PartyID(id)) }
        await collect()
    }

    /// Our context is mostly that of the running stream; the other accounts make one for each membership.
    func context(of device: PartyActors.Device) -> String {
        device.isOurs && chance.happens(800) ? machine.context.text : Self.uuid(&chance)
    }

    func pass(_ time: Duration) async {
        world.clock.advance(by: time)
        if push == nil, chance.happens(700) { await connect() }
        await tick()
    }

    func tick() async {
        guard let deadline = machine.deadline, world.clock.uptime >= deadline else { return }
        await handle(.ticked)
    }

    /// Until a comparison finds no difference.
    func rest() async {
        isResting = true
        if push == nil { await connect() }
        for _ in 0..<12 {
            while !flying.isEmpty { await land() }
            let deadline = machine.deadline ?? .zero
            world.clock.advance(by: max(.zero, deadline - world.clock.uptime))
            await tick()
            await collect()
        }
        while !flying.isEmpty { await land() }
        // The audit after the last frame.
        for _ in 0..<2 {
            let deadline = machine.deadline ?? .zero
            world.clock.advance(by: max(.zero, deadline - world.clock.uptime))
            await tick()
        }
    }
}
