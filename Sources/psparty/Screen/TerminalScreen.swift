/// Full-screen access to a terminal. Tests supply their own.
struct TerminalScreen: Sendable {
    /// The current size.
    var size: @Sendable () -> TerminalSize
    /// Yields when a full redraw is needed: the size changed, or another program used the terminal. Single use.
    var changes: AsyncStream<Void>
    /// Switches to the alternate screen and turns off echo.
    var open: @Sendable () -> Void
    /// Restores the terminal. Does nothing if it is not open. Callable at any time from any thread.
    var close: @Sendable () -> Void
}
