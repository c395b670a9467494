import PartySimulator
import PartyTestSupport
import Testing

@testable import PartyCore

struct SignInRedirectTests {
    /// The error of a sign-in by NPSSO whose authorize call redirects there.
    private static func failure(_ location: String, status: Int = 302) async throws -> PartyError? {
        let world = TestWorld()
        let answer = SimulatedResponse(status: status, headers: [("Location", location)])
        await world.service.add(Fault(match: .init(path: "oauth/authorize"), action: .status(answer)))
        let client = PartyClient(world.environment())
        let npsso = Redacted(world.service.accounts[0].npsso)
        return await #expect(throws: PartyError.self) { _ = try await client.signIn(npsso: npsso) }
    }

    private static let app = "com.scee.psxandroid.scecompcall://redirect"

    @Test(
        arguments: [
            ("https://my.account.sony.com/sonyacct/consent/?entry=/consent", "your consent"),
            ("/sonyacct/terms?x=1", "its terms accepted"), ("/sonyacct/privacy", "your privacy settings"),
            ("https://my.account.sony.com/sonyacct/signin/?x=1", "a sign-in"),
            ("https://id.sonyentertainmentnetwork.com/id/upgrade/#/x", "something"), ("terms", "its terms accepted"),
            (app + "/?state=x", "something"), ("//my.account.sony.com/sonyacct/2sv", "the second step"),
        ])
    func `a page that needs the user has the hint to use the browser`(_ location: String, _ wish: String) async throws {
        let error = try await Self.failure(location)
        let isOurs = location.hasPrefix(Self.app)
        #expect(error?.kind == (isOurs ? .protocolViolation : .signIn))
        #expect(isOurs || error?.message.contains("the service wants \(wish)") == true)
        #expect(isOurs || error?.remedy == .signInWithBrowser)
        #expect(error?.hint?.contains("paste") != true)
        #expect(error?.message.contains("?") == false)
    }

    @Test(arguments: [
        "https://portal.example/login", "http://192.0.2.1/", "https://sony.com.evil.example/terms",
        "https://sony.com@evil.example/", "https://evilsony.com/consent",
    ])
    func `a redirect to another site is not a response of the service`(_ location: String) async throws {
        let error = try await Self.failure(location)
        #expect(error?.kind == .protocolViolation)
        #expect(error?.message.contains("not a host of the service") == true)
    }

    @Test(arguments: [
        app + "#error=login_required&error_code=4165", app + "/?error=login_required", app + "/#/?error_code=4165",
        "https://my.account.sony.com/sonyacct/signin/?error=login_required&error_code=4165",
    ])
    func `an expired sign-in is reported from query and fragment`(_ location: String) async throws {
        let error = try await Self.failure(location)
        #expect(error?.kind == .signIn)
        #expect(error?.message.contains("is not signed in") == true)
    }

    @Test(
        arguments: [
            ("consent_required", .signIn), ("invalid_client", .signIn), ("server_error", .unreachable),
            ("temporarily_unavailable", .unreachable), ("access_denied", .signIn),
        ] as [(String, PartyError.Kind)])
    func `other errors keep their text`(_ word: String, _ kind: PartyError.Kind) async throws {
        let error = try await Self.failure(Self.app + "/?error=\(word)&error_description=because+x")
        #expect(error?.kind == kind)
        #expect(error?.message == "sign-in refused: because x")
    }

    @Test func `a response without Location is no redirect`() async throws {
        for status in [200, 302] {
            let error = try await Self.failure("", status: status)
            #expect(error?.kind == .protocolViolation)
        }
    }

    @Test func `a code is found in query and fragment, without the text after it`() {
        #expect(SignInRedirect("a://b?code=v3.x#_=_").field("code") == "v3.x")
        #expect(SignInRedirect("a://b#code=v3.x&state=s").field("code") == "v3.x")
        #expect(SignInRedirect("a://b?code=&code=y").field("code") == "y")
        #expect(SignInRedirect("a://b#x?code=1").field("code") == nil)
    }
}
