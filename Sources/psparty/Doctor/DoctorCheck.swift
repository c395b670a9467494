/// What `doctor` looks at, in the order of its lines. Scripts rely on the words.
enum DoctorCheck: String, CaseIterable, Sendable {
    case configuration, libraries, files, leftovers, budget
    // The network, from the bottom up.
    case dns, tcp, tls, http, clock
    case signIn = "sign-in"
    case service
    case retryAdvice = "retry-advice"
    case connection
    case pushLookup = "push-lookup"
    case push
}
