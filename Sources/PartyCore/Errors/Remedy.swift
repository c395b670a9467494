/// What can be done about a failure, as a value: the program that shows the error finds the words, since it knows its own
/// commands and with which options it was called.
public enum Remedy: Sendable, Equatable {
    /// Sign in; nothing is there yet.
    case signIn
    /// Sign in once more, as the kept sign-in cannot be used any longer.
    case signInAgain
    /// Sign in once more, since the tokens lack what only a sign-in gives them.
    case signInForPush
    /// Sign in with a browser, where the service wants something of a person first.
    case signInWithBrowser
    /// Begin the sign-in in the browser anew.
    case restartSignIn
    /// Use another profile, or give up the sign-in of another server for one here.
    case replaceSignIn
    /// Use another profile, or sign out at the server that the sign-in belongs to.
    case signOut(at: ServiceOrigin)
    /// Look whether the party session was created all the same.
    case listParties
    /// Create a party session, or name one.
    case createParty
    case joinParty(PartyID)
    case leaveParty(PartyID)
    case showParty(PartyID)
    /// Get a place on the party's voice bridge.
    case openVoice
    /// Take down what is left of an earlier voice connection.
    case stopVoice
    /// Take down the place that `voice offer` has left open, or let this run take it over.
    case releaseVoice
    /// Take down what this run could not remove.
    case takeDownVoice
}
