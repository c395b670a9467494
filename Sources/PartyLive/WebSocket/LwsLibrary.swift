import CWebSockets
import PartyCore

/// libwebsockets, loaded when the first push connection is opened: most commands open none, and loading it with three more
/// libraries takes time.
enum LwsLibrary {
    /// To be called before any other function of libwebsockets.
    /// - Throws: `.unusable` if it is missing or of a version that psparty was not built for.
    static func load() throws(TransportError) {
        _ = try outcome.get()
    }

    /// Its functions by name. Requires `load`.
    static var functions: party_lws {
        guard case .success(let table) = outcome else { preconditionFailure("libwebsockets is not loaded") }
        return table.functions
    }

    private static let outcome: Result<FunctionTable<party_lws>, TransportError> = {
        do throws(TransportError) {
            return .success(
                try unsafe FunctionTable(of: "libwebsockets", party_lws()) { table in unsafe party_lws_load(table) })
        } catch { return .failure(error) }
    }()
}
