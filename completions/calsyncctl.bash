_calsyncctl_completion() {
    local IFS=$'\n' words=() last=-1 index word line before=""
    # bash takes agent:jane for three words: put them together again.
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word="${COMP_WORDS[index]}"
        if ((index > 1)) && [[ $word == : || ${words[last]} == *: ]]; then
            words[last]+="$word"
        else
            words+=("$word")
            ((++last))
        fi
    done
    # What stands before the last colon is not replaced by bash, so it must not be offered again.
    [[ $COMP_WORDBREAKS == *:* && ${words[last]} == *:* ]] && before="${words[last]%:*}:"
    COMPREPLY=()
    while read -r line; do
        [[ -n $line ]] && printf -v line '%q' "$line" && COMPREPLY+=("${line#"$before"}")
    done < <(COMP_WORDS="${words[*]}" COMP_CWORD=$last _CALSYNCCTL_COMPLETE=complete_bash "$1")
}

complete -o default -F _calsyncctl_completion calsyncctl
