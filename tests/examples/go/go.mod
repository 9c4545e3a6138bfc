module example.test/otpemail

go 1.19
