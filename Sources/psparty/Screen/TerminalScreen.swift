/// Full-screen access to a terminal. Tests supply their own.
struct TerminalScreen: Sendable {
    /// The current size.
    var size: @Sendable () -> TerminalSize
    /// Yields when a full redraw is needed: the size changed, or another program used the terminal. Single use.
    var changes: AsyncStream<Void>
    /// The keys that are typed; `nil` if standard input is no terminal. Single use.
    var keys: AsyncStream<ScreenKey>?
    /// Switches to the alternate screen; typed keys are neither shown nor collected into lines.
    var open: @Sendable () -> Void
    /// Restores the terminal. Does nothing if it is not open. Callable at any time from any thread.
    var close: @Sendable () -> Void
}
