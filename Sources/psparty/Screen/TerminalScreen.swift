/// The seam to a terminal that is used as a whole.
struct TerminalScreen: Sendable {
    /// How large it is now.
    var size: @Sendable () -> TerminalSize
    /// Yields each time that all has to be drawn anew: the size has changed, or something else was shown meanwhile. Of use
    /// once.
    var changes: AsyncStream<Void>
    /// Takes the terminal: our screen stands beside what was there, and what is typed is not shown.
    var open: @Sendable () -> Void
    /// Gives it back as it was. Does nothing where it is not taken; may be called at any time, from any thread.
    var close: @Sendable () -> Void
}
