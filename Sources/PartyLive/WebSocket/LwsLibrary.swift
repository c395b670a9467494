import CWebSockets
import PartyCore

/// libwebsockets, loaded when the first push connection is opened: most commands open none, and would each pay for the
/// loading of it and of three libraries more.
enum LwsLibrary {
    /// To be called before anything else of libwebsockets.
    /// - Throws: `.unusable` where there is none, or one that psparty was not built for.
    static func load() throws(TransportError) {
        _ = try outcome.get()
    }

    /// Its functions by their names, once it is loaded.
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
