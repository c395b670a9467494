import Foundation
import Testing

/// Compares output with a file beside the tests. `RECORD_GOLDENS=1` rewrites the file and fails the run, so that a new
/// recording is noticed.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)")
    let stable = withStableIDs(text)
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
        try? Data(stable.utf8).write(to: file)
        Issue.record("recorded \(name)", sourceLocation: sourceLocation)
        return
    }
    let expected = try? String(contentsOf: file, encoding: .utf8)
    #expect(expected == stable, "\(name)", sourceLocation: sourceLocation)
}

/// The simulator's ids and tokens differ in each run: they are numbered in the order of their first appearance.
private func withStableIDs(_ text: String) -> String {
    var result = text
    let patterns = [
        ("uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
        ("token", "eyJ[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*"),
    ]
    for (name, pattern) in patterns {
        var seen: [String] = []
        while let range = result.range(of: pattern, options: .regularExpression) {
            let id = String(result[range])
            seen.append(id)
            result = result.replacingOccurrences(of: id, with: "<\(name) \(seen.count)>")
        }
    }
    return result
}
