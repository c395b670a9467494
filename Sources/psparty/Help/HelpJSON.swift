import PartyCore

extension CommandPage {
    /// `docs/schema/help.json`.
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("command", (["psparty"] + path).joined(separator: " "))
            json.field("abstract", abstract)
            json.field("description", discussion.isEmpty ? nil : discussion)
            json.array("usage", usage) { json, line in json.string(line) }
            json.array("arguments", arguments) { json, argument in json.parameter(argument) }
            json.array("options", ownOptions) { json, option in json.parameter(option) }
            json.array("commonOptions", commonOptions) { json, option in json.parameter(option) }
            json.array("commands", groups.flatMap { group in group.commands.map { (group.title, $0) } }) { json, row in
                json.object { json in
                    json.field("name", row.1.name)
                    json.field("abstract", row.1.abstract)
                    json.field("group", row.0.isEmpty ? nil : row.0)
                }
            }
            json.array("topics", path.isEmpty ? HelpTopic.allCases : []) { json, topic in
                json.string(topic.rawValue)
            }
            json.array("examples", examples) { json, example in
                json.object { json in
                    json.field("purpose", example.purpose)
                    json.field("line", example.line)
                }
            }
            json.array("exitStatuses", statuses) { json, row in
                json.object { json in
                    json.field("status", Int64(row.status.rawValue))
                    json.field("meaning", row.meaning)
                }
            }
        }
    }
}

extension HelpTopic {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("topic", rawValue)
            json.field("abstract", abstract)
            json.array("parts", parts) { json, part in
                let (title, words, rows) = part.contents
                json.object { json in
                    json.field("title", title)
                    json.field("text", words)
                    json.array("rows", rows) { json, row in
                        json.object { json in
                            json.field("term", row.term)
                            json.field("text", row.words)
                        }
                    }
                }
            }
        }
    }
}

extension HelpTopic.Part {
    fileprivate var contents: (title: String?, words: String?, rows: [(term: String, words: String)]) {
        switch self {
        case .paragraph(let words): (nil, words, [])
        case .list(let title, let rows): (title, nil, rows)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func parameter(_ parameter: CommandPage.Parameter) {
        object { json in
            json.array("names", parameter.names) { json, name in json.string(name) }
            json.field("value", parameter.kind == .flag ? nil : parameter.value)
            json.field("text", parameter.abstract)
            json.field("default", parameter.defaultValue)
            json.field("section", parameter.section)
            json.field("required", !parameter.isOptional)
            json.field("repeatable", parameter.isRepeating)
        }
    }
}
