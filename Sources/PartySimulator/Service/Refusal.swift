/// A refused request, with the error body of the service that received it.
struct Refusal: Error {
    var response: SimulatedResponse

    /// The number a service's error codes are built on: base plus the class of the error in the low 12 bits.
    enum Base: Int64 {
        case userProfile = 0x22D000
        // This number is a guess; only the error class is documented.
        case sessionManager = 0x22F000
        case bridge = 0x230000
        case userSearch = 0x20_2000
    }

    /// The class of an error.
    enum Kind: Int64 {
        case badParameter = 0x001
        case notFound = 0x00D
        case notPermitted = 0x00E
        case badRequest = 0x080
        // Conflict and unauthorized are guesses: no source documents their codes.
        case conflict = 0x090
        case unauthorized = 0x011
    }

    static func status(_ kind: Kind) -> Int {
        switch kind {
        case .badParameter, .badRequest: 400
        case .notFound: 404
        case .notPermitted: 403
        case .conflict: 409
        case .unauthorized: 401
        }
    }

    init(_ base: Base, _ kind: Kind, _ message: String) {
        response = SimulatedResponse(
            Self.status(kind),
            json: [
                "error": [
                    "referenceId": .string(Random.uuid()),
                    "code": .integer(base.rawValue | kind.rawValue),
                    "message": .string(message),
                ]
            ])
    }

    init(_ response: SimulatedResponse) { self.response = response }

    /// A status without a body.
    static func bare(_ status: Int) -> Refusal { Refusal(SimulatedResponse(status: status)) }

    /// Names the invalid part of a body.
    static func body(_ part: String, _ base: Base = .sessionManager) -> Refusal {
        Refusal(base, .badParameter, "Bad Request (body: \(part))")
    }

    static func header(_ name: String, _ base: Base = .sessionManager) -> Refusal {
        Refusal(base, .badParameter, "Bad Request (header: \(name))")
    }

    static func query(_ name: String, _ base: Base = .sessionManager) -> Refusal {
        Refusal(base, .badParameter, "Bad Request (query: \(name))")
    }

    static func notFound(_ base: Base = .sessionManager) -> Refusal { Refusal(base, .notFound, "Resource not found") }

    static func notPermitted(_ base: Base = .sessionManager) -> Refusal {
        Refusal(base, .notPermitted, "Not permitted by access control")
    }
}
