import CLinux

/// The signal settings that this process was started with.
package enum SignalMask {
    /// Resets inherited settings in a program: an ignored SIGCHLD would hide the end of its children, and SIGXFSZ
    /// would end it at a file size limit.
    package static func reset() {
        party_reset_signals()
    }

    /// Whether a signal is ignored so far.
    package static func isIgnored(_ number: Int32) -> Bool {
        party_ignores(number) != 0
    }
}
