// Reads registries.yaml files as k3s and RKE2 do: yaml.v2, not strict, into the struct of rancher/wharfie
// (pkg/registries/types.go). Prints one JSON line for each file: what it means, or why it is refused.
package main

import (
	"encoding/json"
	"io/ioutil"
	"os"

	"gopkg.in/yaml.v2"
)

type mirror struct {
	Endpoints []string          `yaml:"endpoint" json:"endpoint,omitempty"`
	Rewrites  map[string]string `yaml:"rewrite" json:"rewrite,omitempty"`
}

type authConfig struct {
	Username      string `yaml:"username" json:"username,omitempty"`
	Password      string `yaml:"password" json:"password,omitempty"`
	Auth          string `yaml:"auth" json:"auth,omitempty"`
	IdentityToken string `yaml:"identity_token" json:"identity_token,omitempty"`
}

type tlsConfig struct {
	CAFile             string `yaml:"ca_file" json:"ca_file,omitempty"`
	CertFile           string `yaml:"cert_file" json:"cert_file,omitempty"`
	KeyFile            string `yaml:"key_file" json:"key_file,omitempty"`
	InsecureSkipVerify bool   `yaml:"insecure_skip_verify" json:"insecure_skip_verify,omitempty"`
}

type registryConfig struct {
	Auth *authConfig `yaml:"auth" json:"auth,omitempty"`
	TLS  *tlsConfig  `yaml:"tls" json:"tls,omitempty"`
}

type registry struct {
	Mirrors map[string]mirror         `yaml:"mirrors" json:"mirrors,omitempty"`
	Configs map[string]registryConfig `yaml:"configs" json:"configs,omitempty"`
	Auths   map[string]authConfig     `yaml:"auths" json:"auths,omitempty"`
}

type verdict struct {
	File    string    `json:"file"`
	Error   string    `json:"error,omitempty"`
	Meaning *registry `json:"meaning,omitempty"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[1:] {
		v := verdict{File: file, Meaning: &registry{}}
		bytes, err := ioutil.ReadFile(file)
		if err == nil {
			err = yaml.Unmarshal(bytes, v.Meaning)
		}
		if err != nil {
			v.Error, v.Meaning = err.Error(), nil
		}
		out.Encode(v)
	}
}
