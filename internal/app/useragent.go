package app

import (
	"strings"

	"github.com/clientele-project/clientele/internal/locale"
)

// agentToken is what a browser or system is known by in its description of itself.
// Order matters: many claim to be the others as well.
type agentToken struct{ token, name string }

func browserTokens() []agentToken {
	return []agentToken{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"}, {"Chromium/", "Chromium"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
}

func systemTokens() []agentToken {
	return []agentToken{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
	}
}

// browserName says in few words which browser a session is in.
func browserName(agent string, words *locale.Locale) string {
	browser, system := matchAgent(browserTokens(), agent), matchAgent(systemTokens(), agent)
	switch {
	case browser != "" && system != "":
		return words.Text("account.sessions.on", "browser", browser, "system", system)
	case browser != "":
		return browser
	case system != "":
		return system
	}
	return words.Text("account.sessions.unknown")
}

func matchAgent(tokens []agentToken, agent string) string {
	for _, t := range tokens {
		if strings.Contains(agent, t.token) {
			return t.name
		}
	}
	return ""
}
