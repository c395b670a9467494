internal import Synchronization

/// The account of a run, fixed when the run first reads the sign-in. A login by another process may replace the
/// sign-in at any time; a run must not continue with the new account's token and the old account's state.
package final class PinnedAccount: Sendable {
    private struct Pin {
        let account: ServiceAccount
        /// Other settings are another run's.
        let hosts: ServiceHosts
    }

    private let pin = Mutex<Pin?>(nil)

    func account(at hosts: ServiceHosts) -> ServiceAccount? {
        pin.withLock { $0.flatMap { $0.hosts == hosts ? $0.account : nil } }
    }

    func set(_ account: ServiceAccount, at hosts: ServiceHosts) {
        pin.withLock { $0 = Pin(account: account, hosts: hosts) }
    }
}
