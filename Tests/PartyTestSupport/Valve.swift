internal import Synchronization

/// A relay to a port of this machine that can drop all bytes of a connection while both sides stay open.
package final class Valve: Sendable {
    private let listener: LoopbackListener

    private final class Shut: Sendable {
        private let numbers = Mutex<Set<Int>>([])

        func insert(_ number: Int) { _ = numbers.withLock { $0.insert(number) } }
        func contains(_ number: Int) -> Bool { numbers.withLock { $0.contains(number) } }
    }

    private let shut: Shut

    package init(to port: UInt16) throws {
        let shut = Shut()
        self.shut = shut
        listener = try LoopbackListener { descriptor, number in
            guard let other = LoopbackSocket.connected(to: port) else { return }
            LoopbackSocket.pump(descriptor, other, isShut: { shut.contains(number) })
            LoopbackSocket.end(other)
        }
    }

    package var port: UInt16 { listener.port }

    /// From now on drops all bytes of the `number`th connection, from 1.
    package func shut(_ number: Int) { shut.insert(number) }

    package func stop() { listener.stop() }
}
