package app

import (
	"strings"

	"github.com/clientele-project/clientele/internal/locale"
)

// sign is what a browser or system is known by in its description of itself.
// Order matters: many claim to be the others as well.
type sign struct{ mark, name string }

func browsers() []sign {
	return []sign{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"}, {"Chromium/", "Chromium"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
}

func systems() []sign {
	return []sign{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
	}
}

// browserName says in few words which browser a session is in.
func browserName(agent string, words *locale.Locale) string {
	browser, system := match(browsers(), agent), match(systems(), agent)
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

func match(signs []sign, agent string) string {
	for _, s := range signs {
		if strings.Contains(agent, s.mark) {
			return s.name
		}
	}
	return ""
}
