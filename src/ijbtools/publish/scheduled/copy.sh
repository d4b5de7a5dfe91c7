# The last step. After 3 or 4 a page failed and its last good one stayed, after 5 nothing was due: the site is whole.
copied() {
    mkdir -p "$2" || return 1
    if command -v rsync >/dev/null; then
        rsync -rlt --exclude=.lock --exclude='.running*' "$1/" "$2/"
    else
        cp -R "$1/." "$2/" && rm -f "$2/.lock"
    fi
}
case "$CODE" in
    0 | 3 | 4 | 5)
        if ! copied @SITE@ @TO@; then
            echo "==== $(date '+%Y-%m-%d %H:%M:%S') the pages were not copied"
            case "$CODE" in 0 | 5) CODE=1 ;; esac
        fi ;;
esac
