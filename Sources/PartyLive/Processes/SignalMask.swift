import CLinux

/// The signal settings that this process was started with.
package enum SignalMask {
    /// Restores the default dispositions in a program: an ignored SIGCHLD would hide the end of its children, and SIGXFSZ
    /// would end it at a full file.
    package static func settle() {
        party_settle_signals()
    }

    /// Whether a signal is ignored so far.
    package static func isIgnored(_ number: Int32) -> Bool {
        party_ignores(number) != 0
    }
}
