/**
 * What `silo shellenv` and `silo completions` print, in the language of each shell. Pure.
 *
 * @module
 */
import { quoted } from "./shim_script.ts";

export const SHELLS = ["bash", "zsh", "fish", "csh", "tcsh", "pwsh"] as const;
export type Shell = (typeof SHELLS)[number];

export function isShell(word: string): word is Shell {
  return (SHELLS as readonly string[]).includes(word);
}

/** Puts the directory of shims first on PATH, once however often it is evaluated. */
export function pathCode(shell: Shell, directory: string): string {
  const single = quoted(directory);
  switch (shell) {
    case "fish": {
      const literal = `'${directory.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
      return `contains -- ${literal} $PATH; or set -gx PATH ${literal} $PATH\n`;
    }
    case "csh":
    case "tcsh": {
      // One line: what eval gets from backquotes has no line ends. `!` is the history's even in quotes, and a colon
      // after a variable begins a modifier.
      const literal = single.replaceAll("!", "\\!");
      return `set _silo=":"; if ( "$_silo\${PATH}$_silo" !~ *"$_silo"${literal}"$_silo"* ) ` +
        `setenv PATH ${literal}":$PATH"; unset _silo;\n`;
    }
    case "pwsh": {
      const literal = `'${directory.replaceAll("'", "''")}'`;
      return `if (($env:PATH -split ':') -notcontains ${literal}) { $env:PATH = ${literal} + ':' + $env:PATH }\n`;
    }
    case "bash":
    case "zsh":
      return `case ":\${PATH}:" in *:${single}:*) ;; *) export PATH=${single}":\${PATH}" ;; esac\n`;
  }
}

/** Makes the shell ask silo what a word of a command line may be. */
export function completionCode(shell: Shell, silo: string): string {
  const program = quoted(silo);
  switch (shell) {
    case "bash":
      return `_silo_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(${program} completions complete "\${COMP_WORDS[@]:1:$COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -o bashdefault -F _silo_complete silo
`;
    case "zsh":
      return `_silo_complete() {
  local -a lines words_
  local line
  lines=("\${(@f)$(${program} completions complete "\${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  for line in $lines; do [[ -n $line ]] && words_+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}"); done
  if (( $#words_ )); then _describe silo words_; else _files; fi
}
(( $+functions[compdef] )) && compdef _silo_complete silo
`;
    case "fish":
      return `function __silo_complete
    ${fishQuoted(silo)} completions complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null
end
complete -c silo -a '(__silo_complete)'
`;
    case "tcsh":
      return `complete silo 'p@*@\`${silo} completions complete-line "$COMMAND_LINE"\`@';\n`;
    case "csh":
      return ""; // it has no completions that a program can give
    case "pwsh":
      return `Register-ArgumentCompleter -Native -CommandName silo -ScriptBlock {
  param($word, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '' }
  & '${silo.replaceAll("'", "''")}' completions complete @words | ForEach-Object {
    $name, $text = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $(if ($text) { $text } else { $name }))
  }
}
`;
  }
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
