// Tests of a client of factord, on a server of their own.
package otpemail

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

var said struct {
	URL   string `json:"url"`
	Admin string `json:"admin"`
	Token string `json:"token"`
	Users struct {
		First string `json:"first"`
	} `json:"users"`
}

func TestMain(m *testing.M) {
	program := os.Getenv("FACTORD")
	if program == "" {
		program = "factord"
	}
	server := exec.Command(program, "dev", "--seed-users", "100")
	output, err := server.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := server.Start(); err != nil {
		panic(err)
	}
	if err := json.NewDecoder(output).Decode(&said); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = server.Process.Signal(syscall.SIGTERM)
	if err := server.Wait(); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// The admin socket is reached by a client of its own.
func reset(t *testing.T) {
	t.Helper()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", said.Admin)
		},
	}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Post("http://localhost/admin/v1/reset", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
}

func removeFactor(t *testing.T, user string) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodDelete, said.URL+"/v2/users/"+user+"/otp_email", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+said.Token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestAFactorIsRemovedOnce(t *testing.T) {
	reset(t)
	if got := removeFactor(t, said.Users.First); got != http.StatusOK {
		t.Fatal(got)
	}
	if got := removeFactor(t, said.Users.First); got != http.StatusNotFound {
		t.Fatal(got)
	}
}

func TestWhatAnotherTestDidIsGone(t *testing.T) {
	reset(t)
	if got := removeFactor(t, said.Users.First); got != http.StatusOK {
		t.Fatal(got)
	}
}
