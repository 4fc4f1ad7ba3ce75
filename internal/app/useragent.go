package app

import (
	"strings"

	"github.com/clientele-project/clientele/internal/locale"
)

// agentToken identifies a browser or system by a token in the User-Agent header. Order
// matters: many browsers include the tokens of others.
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

// browserName returns a short description of the browser of a session.
func browserName(agent string, loc *locale.Locale) string {
	browser, system := matchAgent(browserTokens(), agent), matchAgent(systemTokens(), agent)
	switch {
	case browser != "" && system != "":
		return loc.Text("account.sessions.on", "browser", browser, "system", system)
	case browser != "":
		return browser
	case system != "":
		return system
	}
	return loc.Text("account.sessions.unknown")
}

func matchAgent(tokens []agentToken, agent string) string {
	for _, t := range tokens {
		if strings.Contains(agent, t.token) {
			return t.name
		}
	}
	return ""
}
