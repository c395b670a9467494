import PartyCore
import PartyLive

/// The config file on disk: checks its permissions and reads its entries.
struct ConfigFile: Sendable {
    static let name = "config.toml"

    private let file: PrivateFile

    /// - Returns: `nil` if no environment variable names a folder.
    init?(_ variables: [String: String], random: PartyRandom) {
        guard
            let folder = ProfilePlace.folder(variables, own: "PSPARTY_CONFIG_HOME", "XDG_CONFIG_HOME", ".config")
        else { return nil }
        file = PrivateFile(path: folder + "/" + Self.name, random: random)
    }

    var path: String { file.path }

    /// The folder of the file.
    var folder: String { String(path.dropLast(Self.name.utf8.count + 1)) }

    /// The entries of the file.
    /// - Throws: `.configuration` if the file or one of its lines is invalid.
    func entries() throws(PartyError) -> [ConfigText.Entry] {
        guard let content = try content() else { return [] }
        let text = try Self.text(content)
        let entries: [ConfigText.Entry]
        do throws(ConfigText.Problem) {
            entries = try text.entries()
        } catch {
            throw PartyError(
                .configuration, "\(Self.name) line \(error.line): \(error.words.problem)", step: "configuration",
                hint: error.words.hint)
        }
        if content.isOpenToOthers, entries.contains(where: \.key.isSecret) {
            throw PartyError(
                .configuration, "\(path) contains client-secret and other users can read it", step: "configuration",
                hint: "restrict it with: chmod 600 '\(path)'")
        }
        return entries
    }

    /// Changes the text while holding the file's lock.
    /// - Parameter isDryRun: checks the change without writing the file.
    func change(
        isDryRun: Bool, _ body: (inout ConfigText) throws(PartyError) -> Void
    ) async throws(PartyError) {
        guard !isDryRun else {
            var text = try currentText()
            return try body(&text)
        }
        // If the file is a symbolic link, for example into a dotfiles folder, its target is replaced.
        let file = file.resolved()
        let lock: StoreLock
        do throws(StoreError) { lock = try await file.lock() } catch { throw PartyError(error) }
        defer { lock.release() }
        file.removeAbandoned()
        let old = try currentText()
        var text = old
        try body(&text)
        guard text.text != old.text else { return }
        do throws(StoreError) { try file.save(Array(text.text.utf8)) } catch { throw PartyError(error) }
    }

    private func currentText() throws(PartyError) -> ConfigText {
        guard let content = try content() else { return ConfigText() }
        return try Self.text(content)
    }

    private func content() throws(PartyError) -> PrivateFile.Content? {
        do throws(StoreError) {
            let content = try file.load()
            // A user who can change the file can redirect the tokens to another server.
            guard content?.isWritableByOthers != true else { throw file.openToOthers("changed") }
            return content
        } catch {
            throw PartyError(.configuration, error.message, step: "configuration")
        }
    }

    private static func text(_ content: PrivateFile.Content) throws(PartyError) -> ConfigText {
        guard let bytes = try? TextStart.text(content.bytes), let text = String(validating: bytes, as: UTF8.self) else {
            throw PartyError(
                .configuration, "\(name) is not UTF-8 text", step: "configuration", hint: "save it as UTF-8")
        }
        return ConfigText(text)
    }
}
