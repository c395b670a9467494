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
    /// Join this party session first.
    case joinParty(PartyID)
    /// Leave this party session: it may still count the account as a member.
    case leaveParty(PartyID)
    /// Look who is in this party session.
    case showParty(PartyID)
    /// Get a place on the party's voice bridge.
    case openVoice
    /// Take down what is left of an earlier voice connection.
    case stopVoice
    /// Take down the place that `voice offer` has left open, or let this run take it over.
    case releaseVoice
    /// Take down what this run could not remove.
    case takeDownVoice
    /// Make the process that uses voice now end, and take over.
    case takeOverVoice
    /// Give the id and the secret of an OAuth client: the library has none.
    case configureClient
    /// Correct the id or the secret of the OAuth client: the service does not know the pair.
    case checkClient
    /// Use one server for everything, so that no token goes to a server that did not issue it.
    case useOneServer
    /// Give another access token: the given one has expired or lacks a scope.
    case renewAccessToken
    /// Give an access token of the service, a JSON web token.
    case correctAccessToken
    /// Name a file of PEM certificates: the named one cannot be used.
    case correctTrustFile
    /// Trust the certificate authority of the server, if the user does trust it.
    case trustServer
    /// Trust the certificate authority of the proxy, if the user does trust it.
    case trustProxy
    /// Trust the issuer whose certificate the server left out, if the user does trust it.
    case trustIssuer(MissingIssuer)
    /// Give the program and its arguments as separate words.
    case separateEngineWords
}
