extension SupportedShell {
    /// The completion script of the shell. It passes the words up to the cursor to `Completer` and shows the answer.
    var script: String {
        switch self {
        case .bash: Self.bashScript
        case .zsh: Self.zshScript
        case .fish: Self.fishScript
        }
    }

    /// Readline splits words at `=` and `:`, so the function joins them, and cuts what stands before the split from the answer.
    private static let bashScript = #"""
        # bash completion for psparty
        _psparty() {
            local -a words=()
            local word previous= line answer= value
            local -i index
            for ((index = 1; index <= COMP_CWORD; index++)); do
                word=${COMP_WORDS[index]}
                if ((index == COMP_CWORD)) && [[ $word != [=:]* ]]; then word=$2; fi
                word=${word//[\"\'\\]/}
                if [[ ${#words[@]} -gt 0 && ($word == [=:]* || $previous == *[=:]) ]]; then
                    words[${#words[@]} - 1]+=$word
                else
                    words+=("$word")
                fi
                previous=$word
            done
            local current=${words[${#words[@]} - 1]} typed=${2//[\"\'\\]/}
            local before=${current%"$typed"}
            COMPREPLY=()
            while IFS= read -r line; do
                case $line in
                :*) answer=$line ;;
                *)
                    printf -v value %q "${line%%$'\t'*}"
                    COMPREPLY+=("${value#"$before"}")
                    ;;
                esac
            done < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)
            if [[ $answer == :files* ]]; then
                compopt -o filenames 2>/dev/null
                while IFS= read -r line; do
                    if [[ $answer == :files || -d $line || " ${answer#:files} " == *" ${line##*.} "* ]]; then
                        COMPREPLY+=("$line")
                    fi
                done < <(compgen -f -- "$typed")
            fi
        }
        complete -F _psparty psparty
        """# + "\n"

    private static let zshScript = #"""
        #compdef psparty
        # zsh completion for psparty
        _psparty() {
            local program=${(Q)words[1]} line answer
            local -a arguments lines described
            arguments=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
            lines=("${(@f)$("${program/#\~/$HOME}" __complete "${arguments[@]}" 2>/dev/null)}")
            answer=${lines[-1]}
            if [[ $answer == :files* ]]; then
                [[ $PREFIX == --*=* ]] && compset -P '*='
                if [[ $answer == :files ]]; then
                    _files
                else
                    _files -g "*.(${${answer#:files }// /|})"
                fi
                return
            fi
            for line in "${(@)lines[1,-2]}"; do
                described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
            done
            (( ${#described} )) && _describe -V '' described
        }
        if [[ $funcstack[1] == _psparty ]]; then
            _psparty "$@"
        else
            compdef _psparty psparty
        fi
        """# + "\n"

    private static let fishScript = #"""
        # fish completion for psparty
        function __psparty_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l program $words[1]
            set -e words[1]
            set -l lines (command $program __complete $words "$current" 2>/dev/null)
            set -l answer (string split ' ' -- $lines[-1])
            set -e lines[-1]
            if test "$answer[1]" = :files
                set -l option (string match -r -- '^--[^=]*=' $current)
                set -l start (string replace -r -- '^--[^=]*=' '' $current)
                for line in (__fish_complete_path "$start")
                    set -l file (string split -m 1 \t -- $line)[1]
                    set -l ending (string split -r -m 1 . -- $file)[-1]
                    if test (count $answer) -eq 1; or string match -q '*/' -- $file; or contains -- $ending $answer[2..-1]
                        printf '%s%s\n' "$option" $line
                    end
                end
            else if test (count $lines) -gt 0
                printf '%s\n' $lines
            end
        end
        complete -c psparty -f -a '(__psparty_complete)'
        """# + "\n"
}
