/// The seam to the other processes of the profile that speak for the same account: one of them holds the push connection,
/// the others get from it what comes.
package protocol StreamShare: Sendable {
    /// Becomes the holder.
    /// - Returns: `nil` while another process is.
    func hold(for account: ServiceAccount) throws(StoreError) -> StreamHold?
    /// Connects to the holder.
    /// - Returns: `nil` while there is none.
    func join(for account: ServiceAccount) throws(StoreError) -> ShareConnection?
}

/// The right to the profile's push connection. The system takes it back when the process ends, however it ends.
package struct StreamHold: Sendable {
    /// The connections of processes that join, until `release`; an earlier end means that no process can join any more.
    package let joined: AsyncStream<ShareConnection>
    /// Closes all connections, after what was sent on them has gone out, and lets the next process hold.
    package let release: @Sendable () async -> Void

    package init(joined: AsyncStream<ShareConnection>, release: @escaping @Sendable () async -> Void) {
        self.joined = joined
        self.release = release
    }
}

/// A connection between two processes of a profile.
package struct ShareConnection: Sendable {
    /// Whole lines without their ends, as many as came at once; ends with the other side.
    package let received: AsyncStream<[[UInt8]]>
    /// Sends whole lines; never waits. After the end it does nothing. A reader that does not keep up for long is cut off.
    package let send: @Sendable (_ lines: [UInt8]) -> Void
    /// Closes the connection. `received` ends as well.
    package let close: @Sendable () -> Void
    /// The process on the other side, where there is one and it is known.
    package let process: Int32?

    package init(
        to process: Int32? = nil, received: AsyncStream<[[UInt8]]>,
        send: @escaping @Sendable (_ lines: [UInt8]) -> Void, close: @escaping @Sendable () -> Void
    ) {
        self.process = process
        self.received = received
        self.send = send
        self.close = close
    }
}

/// No sharing: each holds a connection of its own. For runs that keep no files.
package struct Unshared: StreamShare {
    package init() {}

    package func hold(for account: ServiceAccount) -> StreamHold? { hold() }

    package func hold() -> StreamHold? {
        let (joined, end) = AsyncStream<ShareConnection>.makeStream()
        return StreamHold(joined: joined, release: { end.finish() })
    }

    package func join(for account: ServiceAccount) -> ShareConnection? { nil }
}
