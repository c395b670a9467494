import CCurl
import CLinux
import COpenSSL
import CWebSockets
package import PartyCore

/// What a bug report should name besides the version: the commit, and the C libraries in use.
package enum BuildFacts {
    /// The commit that the program was built from; `nil` if it was not built with `make` in a clone.
    package static var commit: String? {
        unsafe party_built_from().map { unsafe String(cString: $0) }
    }

    /// The C libraries, as they name their versions; an error says why one cannot be loaded.
    package static var libraries: [(name: String, version: Result<String, TransportError>)] {
        [("curl", curl), ("libwebsockets", libwebsockets), ("OpenSSL", openSSL)]
    }

    private static var curl: Result<String, TransportError> {
        Result { () throws(TransportError) in
            let info = try CurlLibrary.loaded().functions.curl_version_info(CURLVERSION_TENTH)
            return unsafe text(info?.pointee.version)
        }
    }

    private static var libwebsockets: Result<String, TransportError> {
        Result { () throws(TransportError) in
            try LwsLibrary.load()
            // A release ends in a dash, behind which a commit may stand.
            let version = unsafe text(LwsLibrary.functions.lws_get_library_version())
            return version.hasSuffix("-") ? String(version.dropLast()) : version
        }
    }

    private static var openSSL: Result<String, TransportError> {
        OpenSSLLibrary.start
        return unsafe .success(text(OpenSSL_version(OPENSSL_VERSION_STRING)))
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        unsafe pointer.map { unsafe String(cString: $0) } ?? "unknown"
    }
}
