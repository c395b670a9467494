/// What can be done about a failure. The program that shows the error finds the words, since it knows its own
/// commands and options.
public enum Remedy: Sendable, Equatable {
    /// Sign in: the profile has no sign-in yet.
    case signIn
    /// Sign in again: the stored sign-in has expired or was refused.
    case signInAgain
    /// Sign in again: the push service refuses tokens that were made without a device id.
    case signInForPush
    /// Sign in with a browser: the service asks the user for something first.
    case signInWithBrowser
    /// Make the call again: the profile was signed in as another account during it.
    case beginAgain
    /// Start the sign-in in the browser again.
    case restartSignIn
    /// Use another profile, or replace the sign-in to another server.
    case replaceSignIn
    /// Use another profile, or sign out from the server that the sign-in belongs to.
    case signOut(at: ServiceOrigin)
    /// List the parties: the party session may have been created although the call failed.
    case listParties
    /// Create a party session, or name one.
    case createParty
    /// Join this party session first.
    case joinParty(PartyID)
    /// Leave this party session: it may still count the account as a member.
    case leaveParty(PartyID)
    /// Show the members of this party session.
    case showParty(PartyID)
    /// Get a place on the party's voice bridge.
    case openVoice
    /// Remove what is left of an earlier voice connection.
    case stopVoice
    /// Remove the place on the bridge that was left open for an answer, or take it over.
    case releaseVoice
    /// Remove the place on the bridge that this run could not remove.
    case takeDownVoice
    /// Make the process that uses voice now end, and take over.
    case takeOverVoice
    /// Give the id and the secret of an OAuth client: the library has none.
    case configureClient
    /// Correct the id or the secret of the OAuth client: the service does not know the pair.
    case checkClient
    /// Correct the id, the redirect URI or the scopes of the OAuth client: the service refuses them.
    case checkClientRegistration
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
    /// Raise the resource limits of the process, or end other programs.
    case raiseLimit
    /// Give the program and its arguments as separate words.
    case separateEngineWords
}
