/// The word that the user probably meant; `nil` if none is close.
func nearestWord(to word: String, among words: [String]) -> String? {
    let rated = words.map { ($0, editDistance(word.lowercased(), $0)) }
    guard let best = rated.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.count / 3) else { return nil }
    return best.0
}

/// The Levenshtein distance.
private func editDistance(_ from: String, _ to: String) -> Int {
    let target = Array(to)
    var row = Array(0...target.count)
    for (index, letter) in from.enumerated() {
        var diagonal = row[0]
        row[0] = index + 1
        for column in target.indices {
            let exchanged = diagonal + (target[column] == letter ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(exchanged, diagonal + 1, row[column] + 1)
        }
    }
    return row[target.count]
}
